# A family in motion, for pages of the book: sourced in an empty folder, it ends in the registry `mine`,
# whose repos are git repositories with remotes beside it, promoted once.
family() {
  aux-gen init mine --lead ada
  cd mine
  sed -i "s|^forge = .*|forge = \"git+file://$(dirname "$PWD")/remotes\"|" aux.toml
  aux-gen new-sig python --lead grace --uses core
  aux-gen new-sig javascript --lead linus --uses core
  aux-gen new-package javascript/node --build hello --description "JavaScript runtime"
  aux-gen new-package python/snake --build hello --description "A long program"
  sed -i 's|^\[repos.python\]|[repos.python]\npeers = ["javascript"]|' sigs/python.toml
  aux-gen new-package python/notebook --build snake --build node --description "Interactive notebooks"
  mkdir ../remotes
  git init --quiet .
  git add --all
  git commit --quiet --message "the registry"
  for repo in repos/*; do
    git init --quiet "$repo"
  done
  aux-gen generate --commit
  for repo in repos/*; do
    git -C "$repo" add --all
    git -C "$repo" diff --cached --quiet || git -C "$repo" commit --quiet --message "the packages"
    git init --quiet --bare "../remotes/$(basename "$repo")"
    git -C "$repo" remote add origin "../../../remotes/$(basename "$repo")"
    git -C "$repo" push --quiet origin main
  done
  git add --all
  git diff --cached --quiet || git commit --quiet --message "generated"
  aux-gen update
  aux-gen promote --push
  # What is checked out follows, as it does for whoever works here.
  for repo in repos/*; do
    git -C "$repo" pull --quiet --ff-only origin main
  done
}
family >"$HOME/family.log" 2>&1 || { cat "$HOME/family.log"; false; }
