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
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/cadenza ./cmd/cadenza \
 && mkdir /out/data

# No shell, no package manager, not root.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/cadenza /cadenza
COPY --from=build --chown=nonroot:nonroot /out/data /data
ENV CADENZA_LISTEN=:8080 \
    CADENZA_DB=sqlite:/data/cadenza.db \
    CADENZA_KEY_FILE=/data/cadenza.key
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s CMD ["/cadenza", "doctor"]
ENTRYPOINT ["/cadenza"]
CMD ["serve"]
