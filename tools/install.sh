#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that mote builds and runs with, and only those that are missing. Says what it does; needs
# root or sudo only when something is missing. On other systems it lists the names and goes on. `install.sh riscv`:
# those for RISC-V boards, too, which take 1.4 GB on disk; `install.sh wasm`: those for `mote deploy --as wasm` and its
# tests, 280 MB; `install.sh riscv wasm`: both.
set -eu
packages="g++ cmake ninja-build ccache git python3 python3-venv python3-pip
  libfmt-dev nlohmann-json3-dev libtomlplusplus-dev libcli11-dev libsndfile1-dev libzip-dev
  libflatbuffers-dev flatbuffers-compiler libprotobuf-dev protobuf-compiler libgtest-dev libtorch-dev
  qemu-system-arm gcc-arm-none-eabi libnewlib-arm-none-eabi"
for target in "$@"; do
  case "$target" in
    riscv) packages="$packages gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc" ;;
    wasm) packages="$packages clang-14 lld-14 nodejs" ;;
    *) echo "install: there is no '$target'; say riscv, wasm, both or nothing" >&2; exit 1 ;;
  esac
done

if ! command -v dpkg-query > /dev/null; then
  echo "install: this is not a Debian system; install these (or what your system calls them) by hand:"
  echo "  $packages"
  exit 0
fi
missing=""
for package in $packages; do
  state=$(dpkg-query -W -f='${Status}' "$package" 2> /dev/null || true)
  [ "$state" = "install ok installed" ] || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

echo "install: missing Debian packages:$missing"
echo "install: this takes some minutes; all of them together are 450 MB to download and 2 GB on disk"
run=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo > /dev/null; then
    echo "install: run as root: apt-get install --no-install-recommends$missing" >&2
    exit 1
  fi
  run="sudo"
fi
$run apt-get update -qq
DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends $missing > /dev/null
echo "install: done"
