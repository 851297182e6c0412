#!/bin/sh
# A Python of Nix and one of Guix: read-only store paths without a time, reached through profiles.
set -eu
nix=/nix/store/0c7c9d0cwzdzb3vyarwjvgcyab66x1ya-python3-3.11.2
nix_profile=/nix/store/6pz4f3cb1z3g2ml09v5cwxirdmrg5gnv-user-environment
guix=/gnu/store/8kqf2r7x1n0hcdvm4ja9a3i5yw6sbzlp-python-3.11.2
guix_profile=/gnu/store/1m3sflm8jb1x7yfd5nrk0qiwg2vzhapc-profile
guix_links=/var/guix/profiles/per-user/root

plant install "$nix"
plant install "$guix"
mkdir -p "$nix_profile/bin" "$guix_profile" /nix/var/nix/profiles "$guix_links"
ln -s "$nix/bin/python3" "$nix/bin/python3.11" "$nix_profile/bin"
ln -s "$guix/bin" "$guix_profile/bin"
ln -s "$nix_profile" /nix/var/nix/profiles/default-1-link
ln -s default-1-link /nix/var/nix/profiles/default
ln -s "$guix_profile" "$guix_links/guix-profile-1-link"
ln -s guix-profile-1-link "$guix_links/guix-profile"
ln -s "$guix_links/guix-profile" /root/.guix-profile

chmod -R a-w /nix/store/*-* /gnu/store/*-*
find /nix/store/*-* /gnu/store/*-* -exec touch --no-dereference --date=@1 {} +
