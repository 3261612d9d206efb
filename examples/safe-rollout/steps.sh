# What both walk-throughs use: they say what they do, and stop at the first thing that is not as it should be.

step() {
  printf '\n== %s\n' "$1"
}

# expect WHAT WANTED FOUND
expect() {
  if [ "$2" != "$3" ]; then
    printf 'expected %s to be %s, found %s\n' "$1" "$2" "$3" >&2
    exit 1
  fi
  printf '   %s: %s\n' "$1" "$3"
}

# Who answers a request with this id, sent by a client that knows nothing of mlwasm; more arguments go to curl.
answered_by() {
  local id=$1
  shift
  curl --silent --show-error --fail --output /dev/null --dump-header - \
    --header "Authorization: Bearer $ENDPOINT_KEY" --header "Content-Type: application/json" \
    --header "x-request-id: $id" --data @request.json "$@" "$SCORING_URI" |
    tr -d '\r' | sed -n 's/^mlwasm-deployment: //p'
}

# How many of a hundred requests green answers. The ids are fixed, and so is who answers them.
answered_by_green() {
  local count=0 n
  for n in $(seq 100); do
    if [ "$(answered_by "request-$n")" = green ]; then count=$((count + 1)); fi
  done
  echo "$count"
}

# Sends requests until one of them was copied to green: copies are made beside the answers, so it may take a moment.
wait_for_copies() {
  local n
  for n in $(seq 200); do
    expect_quietly "$(answered_by "copied-$n")" blue
    if [ "$(mlwasm cost "$ENDPOINT_NAME" -o tsv --query "deployments[?deployment=='green'] | [0].requests")" -gt "$1" ]; then
      echo "   copies reached green"
      return
    fi
  done
  echo "no copy reached green" >&2
  exit 1
}

expect_quietly() {
  if [ "$1" != "$2" ]; then expect "who answers" "$2" "$1"; fi
}
