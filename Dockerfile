# One image for every role: `curtail gateway`, `curtail work --roles …`, or any other command.
FROM node:20.20.2-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# No dependency needs an install script. The Temporal SDK ships its native part for five platforms; Linux needs two.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/@temporalio/core-bridge/releases/*-apple-darwin node_modules/@temporalio/core-bridge/releases/*-windows-*

FROM node:20.20.2-bookworm-slim
# git: changes as pull requests of a local repository. ca-certificates: the native TLS of the Temporal SDK reads them.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o node -g node -m 0700 /var/lib/curtail \
  && install -d -o node -g node -m 0755 /var/lib/curtail/keys /var/lib/curtail/keys/public \
  && install -d -o node -g node -m 0700 /var/lib/curtail/inbox
WORKDIR /app
ENV NODE_ENV=production CURTAIL_CONFIG=/etc/curtail/curtail.yaml
COPY . .
COPY --from=dependencies /app/node_modules ./node_modules
USER node
VOLUME /var/lib/curtail
EXPOSE 8800
# The gateway answers once its ledger does. Workers have no port: they end when they break, and are started again.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8800/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/bin/curtail"]
CMD ["gateway"]
