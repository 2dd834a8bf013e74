# The service's image. Build and run it:
#
#   docker build --tag your-username/generic-executor-service:dev .
#   docker run --publish 8080:8080 --env GIT_REMOTE='https://git.example.com/keptn/{project}.git' \
#       your-username/generic-executor-service:dev
#
# Scripts may use bash, python3 with requests, curl, jq and ssh. What else yours need goes into an image of your own:
#
#   FROM your-username/generic-executor-service:dev
#   USER root
#   RUN apt-get update && apt-get install --yes --no-install-recommends python3-yaml && rm -rf /var/lib/apt/lists/*
#   USER 10001:10001
#
# Both base images may come from a mirror (--build-arg RUN_IMAGE=...); they must be of the same Debian release,
# because the binary is linked to that release's libgit2, libcurl and SQLite.
ARG BUILD_IMAGE=swift:6.3-bookworm
ARG RUN_IMAGE=debian:12-slim

FROM ${BUILD_IMAGE} AS build
# Versions are Debian's: a pin would stop the build on the day a security update replaces it.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libcurl4-openssl-dev libgit2-dev libsqlite3-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# Dependencies change seldom: they are a layer of their own.
COPY Package.* ./
RUN swift package resolve
# The package names its tests, so they must be there; they are not built.
COPY Sources Sources
COPY Tests Tests
RUN swift build --configuration release --product generic-executor-service --static-swift-stdlib -Xlinker --strip-all \
    && install -D "$(swift build --configuration release --show-bin-path)/generic-executor-service" /out/generic-executor-service

FROM ${RUN_IMAGE}
# tini is process 1: it forwards signals and buries what scripts leave behind.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        bash ca-certificates curl gpgv jq libcurl4 libgit2-1.5 libsqlite3-0 openssh-client python3 python3-requests tini \
    && rm -rf /var/lib/apt/lists/*
# The user is a number to Kubernetes (runAsNonRoot cannot check a name); the name is for ssh, which refuses to run without one.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/generic-executor-service \
        --shell /usr/sbin/nologin executor \
    && install --directory --owner 10001 --group 10001 --mode 0750 \
        /var/cache/generic-executor-service /var/lib/generic-executor-service
COPY --from=build /out/generic-executor-service /usr/local/bin/
USER 10001:10001
WORKDIR /var/lib/generic-executor-service
EXPOSE 8080
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/generic-executor-service"]
CMD ["serve"]
