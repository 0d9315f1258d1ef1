# The daemon in a container: no root, nothing written but /data, keys from the environment. See docs/docker.md.
FROM node:22-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc tsconfig.json tsdown.config.js ./
RUN npm ci --ignore-scripts
COPY adapters adapters
COPY cli cli
COPY compat compat
COPY routing routing
COPY server server
COPY storage storage
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22-slim
ENV NODE_ENV=production CCPROXY_HOME=/data CCPROXY_HOST=0.0.0.0 CCPROXY_PORT=11434
COPY --from=build /build/package.json /app/package.json
COPY --from=build /build/node_modules /app/node_modules
COPY --from=build /build/dist /app/dist
RUN ln -s /app/dist/cli.js /usr/local/bin/ccproxy && install -d -m 0700 -o node -g node /data
USER node
WORKDIR /data
VOLUME /data
EXPOSE 11434
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.CCPROXY_PORT || 11434) + '/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Without a shell in between, SIGTERM reaches the daemon, which lets running answers finish.
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["serve"]
