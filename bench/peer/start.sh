#!/bin/sh
# Serves one scenario of a comparison of scoring servers: see ../README.md.
#
# env: MODELS SCENARIO WORKERS PORT NDEPLOY RUN_DIR, from the harness. WORKERS = sandboxes of a deployment (instance_count).
#      BATCHING=off   runs of the model mlp are not joined
#      PEER_BINARY    another binary than this checkout's release build
#      RELOAD, MODEL_FILE: deploys MODEL_FILE anew at each SIGHUP
#
# What is measured is a server that starts with its state. So the state is made once, by the same commands that a user
# types, and kept in target/peer-state; a run copies it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../target}
mlwasm=${PEER_BINARY:-$target/release/mlwasm}
scorers=$target/scorers/wasm32-wasip2/scorer/examples
model=${MODEL_FILE:-$MODELS/$SCENARIO.onnx}
# No key: the harness sends none.
export MLWASM_GATEWAY__ALLOW_ANONYMOUS=true MLWASM_LOG__FILTER=warn XDG_CONFIG_HOME="$RUN_DIR/config"

case $SCENARIO in
  echo) scorer=$scorers/peer_echo.wasm model='' ;;
  iris) scorer=$scorers/peer_iris.wasm ;;
  *) scorer=$scorers/peer_forward.wasm ;;
esac
# A request may wait for all that came before it, as it may at the other servers.
settings="--set request_settings.max_queue_wait_ms=20000 --set request_settings.request_timeout_ms=20000
  --set request_settings.max_concurrent_requests_per_instance=16"
if [ "$SCENARIO" = mlp ] && [ "${BATCHING:-on}" = on ]; then
  settings="$settings --set models.model.batching.max_batch_size=32"
fi

deploy() { # ENDPOINT
  # The settings are several words each.
  # shellcheck disable=SC2086
  "$mlwasm" deploy "$scorer" ${model:+--model "model=$model"} --endpoint "$1" --name blue --instances "$WORKERS" \
    --all-traffic $settings >&2
}

make_state() { # FOLDER
  "$mlwasm" serve --data-dir "$1" --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --ready-file "$RUN_DIR/made.json" &
  server=$!
  until [ -s "$RUN_DIR/made.json" ]; do
    kill -0 "$server" || exit 1
    sleep 0.05
  done
  MLWASM_SERVER=$(sed 's/.*"admin": *"\([^"]*\)".*/\1/' "$RUN_DIR/made.json")
  export MLWASM_SERVER
  i=0
  while [ "$i" -lt "${NDEPLOY:-1}" ]; do
    endpoint=$SCENARIO; [ "$i" -eq 0 ] || endpoint=$SCENARIO-$i
    "$mlwasm" endpoint create "$endpoint" --auth-mode none >&2
    deploy "$endpoint"
    i=$((i + 1))
  done
  kill "$server"
  wait "$server"
}

# By time and size: hashing the binary would take longer than what is measured.
# shellcheck disable=SC2086
made_of="$settings $(stat -c '%n %s %Y' "$mlwasm" "$scorer" $model)"
state=$target/peer-state/$SCENARIO-$WORKERS-${NDEPLOY:-1}${BATCHING:+-$BATCHING}${RELOAD:+-reload}
if [ "$(cat "$state.made-of" 2>/dev/null)" != "$made_of" ]; then
  rm -rf "$state" "$state.made-of"
  mkdir -p "$target/peer-state"
  make_state "$RUN_DIR/made"
  mv "$RUN_DIR/made" "$state"
  printf '%s\n' "$made_of" > "$state.made-of"
fi
cp -a "$state" "$RUN_DIR/data"
set -- serve --data-dir "$RUN_DIR/data" --listen "127.0.0.1:$PORT" --admin-listen "127.0.0.1:$((PORT + 1000))"
[ -n "${RELOAD:-}" ] || exec "$mlwasm" "$@"

"$mlwasm" "$@" &
server=$!
MLWASM_SERVER=http://127.0.0.1:$((PORT + 1000))
export MLWASM_SERVER
trap 'kill "$server"' TERM INT
trap 'deploy "$SCENARIO"' HUP
while kill -0 "$server" 2>/dev/null; do wait "$server" || true; done
