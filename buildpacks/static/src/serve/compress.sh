# Puts a smaller copy beside every text of 1 KiB and more: .gz and .br. Copies that are there already
# are the site's own. Then notes, in the server's configuration, the digest of all files and of itself.
set -eu
export LC_ALL=C
cd "$SITE"
find . -type f -size +1023c -regextype posix-extended \
  -iregex '.*\.(html?|css|[mc]?js|json|map|svg|txt|xml|md|csv|ya?ml|webmanifest|wasm|ico|ttf|otf|eot|rss|atom|ics|vtt|geojson|topojson|glsl|wgsl)' \
  -not -path '*/.git/*' -print0 | sort -z | while IFS= read -r -d '' file; do
  for form in gz br; do
    copy="$file.$form"
    if [ -e "$copy" ]; then continue; fi
    case "$form" in
      gz) gzip -9 -n -c -- "$file" > "$copy" ;;
      br) brotli --quality=11 --stdout -- "$file" > "$copy" ;;
    esac
    if [ "$(stat -c %s -- "$copy")" -ge "$(stat -c %s -- "$file")" ]; then rm -- "$copy"; fi
  done
done
digest=$({ find . -xtype f -print0 | sort -z | xargs -0 -r sha256sum --; cat /opt/static/nginx.conf; } | sha256sum)
conf=$(</opt/static/nginx.conf)
printf '%s\n' "${conf//@etag@/"${digest:0:32}"}" > /opt/static/nginx.conf
