#!/usr/bin/env bash
# A new version takes over, a step at a time, and nobody notices. See README.md.
set -euo pipefail
cd "$(dirname "$0")"
. ./steps.sh
export ENDPOINT_NAME=${ENDPOINT_NAME:-iris}
scorer=../../target/scorers/wasm32-wasip2/scorer/iris.wasm
models=../../plugins/iris/models

step "Create the endpoint"
mlwasm endpoint create "$ENDPOINT_NAME" --tag team=flowers
SCORING_URI=$(mlwasm endpoint show "$ENDPOINT_NAME" -o tsv --query scoring_uri)
ENDPOINT_KEY=$(mlwasm keys "$ENDPOINT_NAME" show -o tsv --query primaryKey)

step "Deploy blue, with all of the traffic"
mlwasm deploy $scorer --model $models/iris-1.onnx --endpoint "$ENDPOINT_NAME" --name blue --instances 1 --all-traffic
expect "blue's share" 100 "$(mlwasm traffic "$ENDPOINT_NAME" -o tsv --query blue)"

step "Invoke it"
class=$(mlwasm invoke "$ENDPOINT_NAME" --request-file request.json -o tsv --query 'predictions[0].class')
expect "the first flower" setosa "$class"

step "Scale blue to two sandboxes"
mlwasm deployment update -e "$ENDPOINT_NAME" -n blue --set instance_count=2
expect "blue's sandboxes" 2 "$(mlwasm deployment show -e "$ENDPOINT_NAME" -n blue -o tsv --query scale.wanted)"

step "Deploy green beside it: no traffic yet"
mlwasm deploy $scorer --model $models/iris-2.onnx --endpoint "$ENDPOINT_NAME" --name green --instances 1
expect "blue's share" 100 "$(mlwasm traffic "$ENDPOINT_NAME" -o tsv --query blue)"
expect "green's share" 0 "$(mlwasm traffic "$ENDPOINT_NAME" -o tsv --query 'green || `0`')"

step "Test green, by its name"
class=$(mlwasm invoke "$ENDPOINT_NAME" --deployment green --request-file request.json -o tsv --query 'predictions[1].class')
expect "the second flower" virginica "$class"
expect "who answers by name" green "$(answered_by named --header "azureml-model-deployment: green")"
expect "who answers others" blue "$(answered_by unnamed)"

step "Copy 10 % of the requests to green: clients see blue's answers only"
mlwasm mirror "$ENDPOINT_NAME" green=10
expect_copies
mlwasm deployment logs -e "$ENDPOINT_NAME" -n green --lines 5

step "End the copies"
mlwasm mirror "$ENDPOINT_NAME" green=0
expect "the mirror" '{}' "$(mlwasm mirror "$ENDPOINT_NAME" -o json)"

step "Give green 10 % of the requests"
mlwasm traffic "$ENDPOINT_NAME" blue=90 green=10
share=$(answered_by_green)
if [ "$share" -lt 2 ] || [ "$share" -gt 25 ]; then
  echo "green answered $share of 100 requests" >&2
  exit 1
fi
echo "   green answered $share of 100 requests"

step "Give green all of them"
mlwasm traffic "$ENDPOINT_NAME" blue=0 green=100
expect "green's answers of 100" 100 "$(answered_by_green)"

step "Delete blue"
mlwasm deployment delete -e "$ENDPOINT_NAME" -n blue --yes
expect "who answers" green "$(answered_by after-blue)"

step "Delete the endpoint"
mlwasm endpoint delete "$ENDPOINT_NAME" --yes
if mlwasm endpoint show "$ENDPOINT_NAME" 2>/dev/null; then
  echo "the endpoint is still there" >&2
  exit 1
fi

step "Done"
