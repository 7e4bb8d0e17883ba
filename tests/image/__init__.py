"""`make image-check`: the image of the Dockerfile, built and really run, with no container engine.

Debian's buildah builds it on a base that debootstrap makes; no registry is asked. What runs it is
the kernel: namespaces of its own, the image's user, no capabilities, a root that cannot be written.
For root on Debian. Only the standard library is used, so that no virtual environment is needed.
"""
