# Tracker, example pipeline and pager in one image; docker-compose.yml says which of them a container runs.

FROM node:24.21.0-bookworm-slim AS page
WORKDIR /app
COPY . .
RUN npm ci --ignore-scripts
RUN node node_modules/vite/bin/vite.js build grafana-plugin --logLevel warn && node scripts/plugin.ts

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY . .
# Optional is the embedded Postgres only, which a container does not start.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production TRACKER_HOST=0.0.0.0 TRACKER_OTLP_PORT=off TRACKER_DATA_DIR=/tmp/vividly
WORKDIR /app
COPY --from=dependencies /app ./
COPY --from=page /app/grafana-plugin/dist grafana-plugin/dist
# Where the first token and Grafana's plugin are put, for those that share the volumes.
RUN install -d -o node -g node -m 0755 /run/vividly /plugins/vividly-tracker-app
USER node
EXPOSE 8484
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8484/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "tracker-api/src/main.ts"]
