# SPDX-License-Identifier: MIT

"""The version of this module, for all that Bazel makes.

Keep one line: CMakeLists.txt and Directory.Build.props read it too. MODULE.bazel and README.md
repeat it, for they cannot load it; //tests/workspace:version_test compares.
"""

VERSION = "0.1.0"
