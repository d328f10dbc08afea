// SPDX-License-Identifier: MIT

#if NET
// Native calls take and return only numbers and addresses, which need no marshalling.
[assembly: System.Runtime.CompilerServices.DisableRuntimeMarshalling]
#endif
