#!/bin/sh
set -e
echo "gnome-tweaks @version@, packaged by @packaged@"
@gdm@
