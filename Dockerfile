# syntax=docker/dockerfile:1

# Scripts, icons and the font of the pages.
FROM node:22-bookworm-slim AS assets
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY scripts/build-assets.mjs scripts/icons.txt scripts/
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=assets /src/internal/web/static/vendor internal/web/static/vendor
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/cadenza ./cmd/cadenza

FROM debian:bookworm-slim
# Certificates for mail servers; curl for the health check.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 65532 --user-group --no-create-home cadenza \
 && install -d -m 0700 -o cadenza -g cadenza /data
COPY --from=build /out/cadenza /usr/local/bin/cadenza
ENV CADENZA_LISTEN=:8080 \
    CADENZA_DB=sqlite:/data/cadenza.db \
    CADENZA_KEY_FILE=/data/cadenza.key \
    CADENZA_DATA_DIR=/data/files
# A new volume takes the folder's owner over.
VOLUME /data
WORKDIR /data
USER cadenza
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["cadenza"]
CMD ["serve"]
