# Writes the newest version of Go of which there is a toolchain, between GO_FROM and GO_BELOW, into the
# file that is named: both are the minor number times 10000 and the third number.
set -eu
arch=$(go env GOARCH)
best=-1 found=
cd /tmp
for one in $(GOFLAGS=-mod=mod go list -m -versions golang.org/toolchain); do
  case $one in v0.0.1-go1.*.linux-"$arch") ;; *) continue ;; esac
  version=${one#v0.0.1-go}
  version=${version%.linux-"$arch"}
  case $version in *[!0-9.]*) continue ;; esac
  rest=${version#1.}
  minor=${rest%%.*} patch=0
  case $rest in *.*) patch=${rest#*.} ;; esac
  key=$((minor * 10000 + patch))
  if [ "$key" -ge "$GO_FROM" ] && [ "$key" -lt "$GO_BELOW" ] && [ "$key" -gt "$best" ]; then
    best=$key found=$version
  fi
done
if [ -z "$found" ]; then
  echo "the module proxy lists no toolchain of Go in the version that is asked for" >&2
  exit 1
fi
echo "$found" > "$1"
