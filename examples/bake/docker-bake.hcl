# An environment on each of many base images, for each platform, on as many machines as the builder has nodes.
# From the checkout:
#
#   scripts/build_image
#   docker buildx bake --file examples/bake/docker-bake.hcl --print
#   REGISTRY=registry.example.com/team docker buildx bake --file examples/bake/docker-bake.hcl --push
#
# One of them, for this machine alone: PLATFORMS= docker buildx bake --file examples/bake/docker-bake.hcl debian-12
#
# debian-12 and debian-13 are built in the tests; the other bases could not be had there.

# Where images go, and what later builds take from their cache; empty: neither
variable "REGISTRY" {
  default = ""
}

# With commas; empty: that of the builder
variable "PLATFORMS" {
  default = "linux/amd64,linux/arm64"
}

# Where venvboot is mounted from. The client sends the layout to a remote builder, too.
# Empty: the image venvboot of the engine, which scripts/build_image --load puts there.
variable "VENVBOOT" {
  default = "oci-layout://dist/venvboot.oci"
}

group "default" {
  targets = ["environment"]
}

target "environment" {
  name = base.name
  matrix = {
    base = [
      { name = "debian-11", image = "debian:11", install = apt },
      { name = "debian-12", image = "debian:12", install = apt },
      { name = "debian-13", image = "debian:13", install = apt },
      { name = "ubuntu-22-04", image = "ubuntu:22.04", install = apt },
      { name = "ubuntu-24-04", image = "ubuntu:24.04", install = apt },
      { name = "fedora-42", image = "fedora:42", install = dnf },
      { name = "rocky-9", image = "rockylinux:9", install = dnf },
      { name = "amazon-2023", image = "amazonlinux:2023", install = dnf },
      { name = "ubi-9", image = "registry.access.redhat.com/ubi9/ubi", install = dnf },
      { name = "ubi-10", image = "registry.access.redhat.com/ubi10/ubi", install = dnf },
      { name = "alpine-3-22", image = "alpine:3.22", install = apk },
      { name = "python-3-12", image = "python:3.12-slim", install = "" },
      { name = "python-3-13", image = "python:3.13-slim", install = "" },
    ]
  }
  context = "examples/bake"
  contexts = VENVBOOT == "" ? {} : { venvboot = VENVBOOT }
  args = {
    BASE = base.image
    INSTALL = base.install
  }
  platforms = compact(split(",", PLATFORMS))
  tags = [REGISTRY == "" ? "environment:${base.name}" : "${REGISTRY}/environment:${base.name}"]
  cache-from = REGISTRY == "" ? [] : ["type=registry,ref=${REGISTRY}/environment-cache:${base.name}"]
  cache-to = REGISTRY == "" ? [] : ["type=registry,ref=${REGISTRY}/environment-cache:${base.name},mode=max"]
}

variable "apt" {
  default = "apt-get update && apt-get install -y --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*"
}

variable "dnf" {
  default = "dnf install -y python3 && dnf clean all"
}

variable "apk" {
  default = "apk add --no-cache python3"
}
