// SPDX-License-Identifier: MIT

#if NETSTANDARD2_0
// A type that the compiler needs for init accessors, and that netstandard2.0 lacks.
namespace System.Runtime.CompilerServices;

internal static class IsExternalInit
{
}
#endif
