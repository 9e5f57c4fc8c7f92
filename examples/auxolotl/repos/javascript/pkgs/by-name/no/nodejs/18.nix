import ./common.nix {
  version = "18.20.5";
  # Still here for those who have not moved yet.
  description = "JavaScript runtime, no longer supported";
}
