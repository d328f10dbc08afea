# SPDX-License-Identifier: MIT

"""The version of this module, for all that Bazel makes, and where it is at home.

Keep VERSION one line: CMakeLists.txt and Directory.Build.props read it too. MODULE.bazel and README.md
repeat it, for they cannot load it; //tests/workspace:version_test compares.
"""

VERSION = "0.1.0"

# What packages name as their home, and who makes them. A fork that publishes sets its own.
HOME = "https://github.com/interprocess/interprocess"
AUTHORS = "The Interprocess authors"
MAINTAINER = AUTHORS + " <interprocess@users.noreply.github.com>"
