#!/usr/bin/env bash
# The same as run.sh, as it is typed for Azure's online endpoints: only `az ml` has become `mlwasm`. See README.md.
set -euo pipefail
cd "$(dirname "$0")"
. ./steps.sh
export ENDPOINT_NAME=${ENDPOINT_NAME:-iris}

step "Create the endpoint"
mlwasm online-endpoint create --name "$ENDPOINT_NAME" -f endpoint.yml
SCORING_URI=$(mlwasm online-endpoint show --name "$ENDPOINT_NAME" -o tsv --query scoring_uri)
ENDPOINT_KEY=$(mlwasm online-endpoint get-credentials --name "$ENDPOINT_NAME" -o tsv --query primaryKey)

step "Deploy blue, with all of the traffic"
mlwasm online-deployment create --name blue --endpoint-name "$ENDPOINT_NAME" -f blue-deployment.yml --all-traffic
state=$(mlwasm online-deployment show --name blue --endpoint "$ENDPOINT_NAME" -o tsv --query provisioning_state)
expect "blue's state" Succeeded "$state"
expect "blue's share" 100 "$(mlwasm online-endpoint show --name "$ENDPOINT_NAME" -o tsv --query traffic.blue)"

step "Invoke it"
class=$(mlwasm online-endpoint invoke --name "$ENDPOINT_NAME" --request-file request.json -o tsv --query 'predictions[0].class')
expect "the first flower" setosa "$class"
mlwasm online-deployment get-logs --name blue --endpoint "$ENDPOINT_NAME"

step "Scale blue to two sandboxes"
mlwasm online-deployment update --name blue --endpoint-name "$ENDPOINT_NAME" --set instance_count=2
count=$(mlwasm online-deployment show --name blue --endpoint "$ENDPOINT_NAME" -o tsv --query instance_count)
expect "blue's sandboxes" 2 "$count"

step "Deploy green beside it: no traffic yet"
mlwasm online-deployment create --name green --endpoint-name "$ENDPOINT_NAME" -f green-deployment.yml
expect "blue's share" 100 "$(mlwasm online-endpoint show --name "$ENDPOINT_NAME" -o tsv --query traffic.blue)"
expect "green's share" 0 "$(mlwasm online-endpoint show --name "$ENDPOINT_NAME" -o tsv --query 'traffic.green || `0`')"

step "Test green, by its name"
class=$(mlwasm online-endpoint invoke --name "$ENDPOINT_NAME" --deployment-name green --request-file request.json -o tsv --query 'predictions[1].class')
expect "the second flower" virginica "$class"
expect "who answers by name" green "$(answered_by named --header "azureml-model-deployment: green")"

step "Copy 10 % of the requests to green: clients see blue's answers only"
mlwasm online-endpoint update --name "$ENDPOINT_NAME" --mirror-traffic "green=10"
for i in {1..20}; do
  mlwasm online-endpoint invoke --name "$ENDPOINT_NAME" --request-file request.json >/dev/null
done
expect_copies
mlwasm online-deployment get-logs --name green --endpoint "$ENDPOINT_NAME"

step "End the copies"
mlwasm online-endpoint update --name "$ENDPOINT_NAME" --mirror-traffic "green=0"
expect "the mirror" '{}' "$(mlwasm online-endpoint show --name "$ENDPOINT_NAME" -o json --query mirror_traffic)"

step "Give green 10 % of the requests"
mlwasm online-endpoint update --name "$ENDPOINT_NAME" --traffic "blue=90 green=10"
share=$(answered_by_green)
if [ "$share" -lt 2 ] || [ "$share" -gt 25 ]; then
  echo "green answered $share of 100 requests" >&2
  exit 1
fi
echo "   green answered $share of 100 requests"

step "Give green all of them"
mlwasm online-endpoint update --name "$ENDPOINT_NAME" --traffic "blue=0 green=100"
expect "green's answers of 100" 100 "$(answered_by_green)"

step "Delete blue"
mlwasm online-deployment delete --name blue --endpoint "$ENDPOINT_NAME" --yes --no-wait
expect "who answers" green "$(answered_by after-blue)"

step "Delete the endpoint"
mlwasm online-endpoint delete --name "$ENDPOINT_NAME" --yes --no-wait
if mlwasm online-endpoint show --name "$ENDPOINT_NAME" 2>/dev/null; then
  echo "the endpoint is still there" >&2
  exit 1
fi

step "Done"
