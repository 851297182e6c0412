#!/bin/sh
# Makes packages of /trees, below /srv/rpm/GROUP. Versions are the interpreters' own. Names, releases and vendors have
# the form that those give them whom the group is named for.
set -eu

cat >~/.rpmmacros <<'MACROS'
%_build_name_fmt %%{NAME}.rpm
%_binary_payload w1.gzdio
%_build_id_links none
%debug_package %{nil}
%__os_install_post %{nil}
MACROS

# build SPEC [DEFINITION...], with what the row says
build() {
    spec=$1
    shift
    rpmbuild --quiet -bb --target x86_64-linux "--define=_rpmdir /srv/rpm/$group" "--define=tree /trees/$tree" \
        "--define=called $package" "--define=python $version" "--define=edition $release" \
        ${vendor:+"--define=maker $vendor"} "$@" "/src/$spec.spec"
}

while IFS='|' read -r group package release vendor tree version top programs; do
    build python "--define=top $top" "--define=programs $programs"
done <<'TABLE'
rhel9|python3|1.el9|Red Hat, Inc.|el39|3.9.2|/usr|bin
rhel9-appstream|python3.11|2.el9|Red Hat, Inc.|el311|3.11.2|/usr|bin
almalinux9|python3|1.el9|AlmaLinux|el39|3.9.2|/usr|bin
amazon2023|python3|1.amzn2023.0.3||el39|3.9.2|/usr|bin
amazon2|python3|1.amzn2.0.9|Amazon Linux|el39|3.9.2|/usr|bin
epel9|python3.11|1.el9|Fedora Project|el311|3.11.2|/usr|bin
ius|python311u|1.el7.ius|IUS|el311|3.11.2|/usr|bin
example|python3.11|1|Example Corp|el311|3.11.2|/usr|bin
rhel8-appstream|python39|1.module+el8.10.0+20024+793d7211|Red Hat, Inc.|el39|3.9.2|/usr|bin
rhel8|platform-python|62.el8|Red Hat, Inc.|platform|3.11.2|/usr|libexec
collections|rh-python311-python|2.el7|Red Hat, Inc.|rh-python311|3.11.2|/opt/rh/rh-python311/root/usr|bin
collections|python27-python|4.el7|Red Hat, Inc.|python27|2.7.18|/opt/rh/python27/root/usr|bin
TABLE

while IFS='|' read -r group package release vendor tree version; do
    build files
done <<'TABLE'
rhel8-link|python311|38.module+el8.5.0+12207+5c5719bc|Red Hat, Inc.|platform-link|3.11.2
collections|rh-python311-runtime|1.el7|Red Hat, Inc.|rh-python311-runtime|2.0
collections|python27-runtime|1.el7|Red Hat, Inc.|python27-runtime|1.1
TABLE
