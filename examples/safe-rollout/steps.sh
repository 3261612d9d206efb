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

# Who answers each of a hundred requests, a line for each. The ids are fixed, and so is who answers them.
answered_by_each() {
  local n
  for n in $(seq 100); do
    if [ "$n" != 1 ]; then echo next; fi
    printf '%s\n' "url = \"$SCORING_URI\"" "header = \"Authorization: Bearer $ENDPOINT_KEY\"" \
      'header = "Content-Type: application/json"' "header = \"x-request-id: request-$n\"" 'data = "@request.json"' \
      'output = "/dev/null"' 'dump-header = "-"' fail silent show-error
  done | curl --config - | tr -d '\r' | sed -n 's/^mlwasm-deployment: //p'
}

# How many of them green answers.
answered_by_green() {
  answered_by_each | sed -n '/^green$/p' | wc -l
}

# How many requests green has had, copies among them.
requests_of_green() {
  mlwasm cost "$ENDPOINT_NAME" -o tsv --query "deployments[?deployment=='green'] | [0].requests"
}

# Sends a hundred requests, a tenth of which is copied to green; copies are made beside the answers, so they may come later.
expect_copies() {
  local before n
  before=$(requests_of_green)
  expect "blue's answers of 100" 100 "$(answered_by_each | sed -n '/^blue$/p' | wc -l)"
  for n in $(seq 100); do
    if [ "$(requests_of_green)" -gt "$before" ]; then
      echo "   copies reached green"
      return
    fi
  done
  echo "no copy reached green" >&2
  exit 1
}
