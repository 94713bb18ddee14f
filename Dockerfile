# A small static image that runs as nobody in particular. Build: docker build -t sidetone .
FROM rust:1.95.0-alpine AS build
RUN apk add --no-cache build-base
WORKDIR /source
COPY . .
# The image has this toolchain; without the variable rustup would fetch the components that only tests need.
ENV SQLX_OFFLINE=true RUSTUP_TOOLCHAIN=1.95.0
RUN cargo build --release --locked --bin sidetone \
 && mkdir -p /image/data /image/tmp \
 && cp target/release/sidetone /image/sidetone

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=10001:10001 /image /
USER 10001:10001
VOLUME /data
EXPOSE 8080
ENV SIDETONE_LISTEN=0.0.0.0:8080 SIDETONE_DATA=/data
# There is no shell in the image: the program asks itself.
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s CMD ["/sidetone", "alive"]
ENTRYPOINT ["/sidetone"]
CMD ["serve"]
