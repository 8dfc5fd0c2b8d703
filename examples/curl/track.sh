#!/usr/bin/env bash
# Tracks one request by the tracking convention, with nothing but bash, curl and sha256sum: no SDK, no code of ours.
set -euo pipefail

if [[ ${1:-} == --help ]]; then
  echo "usage: track.sh [TOPIC]
Tells a tracker at TRACKER_URL (http://127.0.0.1:8484) of a request with two stages, the second of them retried once.
Prints the correlation ID. TRACKER_TOKEN, if set, goes along as a bearer token."
  exit 0
fi

tracker=${TRACKER_URL:-http://127.0.0.1:8484}
topic=${1:-Photosynthesis}
started_ms=$(date +%s%3N)

# The correlation ID, and the trace ID that derives from it.
random=$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
correlation_id="vvd_${started_ms}_${random}"
check=$(printf %s "$correlation_id" | sha256sum | cut -c1-8)
trace_id="c1d${started_ms}${check}${random}"
root_span_id=${trace_id:16}

resource='{"attributes":[{"key":"service.name","value":{"stringValue":"shell"}}]}'
stage() { printf '{"key":"vividly.stage.name","value":{"stringValue":"%s"}},{"key":"vividly.stage.attempt","value":{"intValue":"%s"}}' "$1" "$2"; }
text() { printf '{"key":"%s","value":{"stringValue":"%s"}}' "$1" "$2"; }

post() {
  curl --silent --show-error --fail --retry 5 --retry-connrefused --output /dev/null \
    --header 'Content-Type: application/json' ${TRACKER_TOKEN:+--header "Authorization: Bearer $TRACKER_TOKEN"} \
    --data "$2" "$tracker$1"
}

# event NAME ATTRIBUTES: a log record of the life cycle, sent as it happens.
event() {
  post /v1/logs "{\"resourceLogs\":[{\"resource\":$resource,\"scopeLogs\":[{\"logRecords\":[{
    \"timeUnixNano\":\"$(date +%s%N)\",\"severityNumber\":9,\"eventName\":\"$1\",
    \"traceId\":\"$trace_id\",\"spanId\":\"$root_span_id\",\"attributes\":[$2]}]}]}]}"
}

event vividly.request.created "$(text user.id s-1001),$(text vividly.request.topic "$topic")"
event vividly.stage.started "$(stage validation 1)"
event vividly.stage.completed "$(stage validation 1)"
event vividly.stage.started "$(stage rag_retrieval 1)"
event vividly.retry "$(stage rag_retrieval 1),$(text vividly.retry.reason 'the index was busy'),{\"key\":\"vividly.retry.delay_ms\",\"value\":{\"intValue\":\"10\"}}"
event vividly.stage.started "$(stage rag_retrieval 2)"
event vividly.stage.completed "$(stage rag_retrieval 2)"
event vividly.request.completed "$(text vividly.request.video_url https://videos.example.org/1.mp4)"

# The root span, once, by whoever ends the request: it starts at the time that the ID holds.
post /v1/traces "{\"resourceSpans\":[{\"resource\":$resource,\"scopeSpans\":[{\"spans\":[{
  \"traceId\":\"$trace_id\",\"spanId\":\"$root_span_id\",\"name\":\"content_generation\",\"kind\":1,
  \"startTimeUnixNano\":\"${started_ms}000000\",\"endTimeUnixNano\":\"$(date +%s%N)\"}]}]}]}"

echo "$correlation_id"
