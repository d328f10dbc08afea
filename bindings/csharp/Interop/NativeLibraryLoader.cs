// SPDX-License-Identifier: MIT

#if NET
using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Interprocess.Interop;

/// <summary>
/// Finds the native library. If none fits, the error names each place and the reason.
/// </summary>
internal static unsafe class NativeLibraryLoader
{
    /// <summary>
    /// The environment variable that names the file of the library. No other file is tried then.
    /// </summary>
    internal const string Variable = "INTERPROCESS_NATIVE_LIBRARY";

    private const string Name = "interprocess_csharp";
    private const string VersionExport = "CSharp_InterprocessfInterop_FaceVersion___";
    private const string FreeExport = "CSharp_InterprocessfInterop_FreeText___";

    /// <summary>Runs before any native call.</summary>
#pragma warning disable CA2255 // The initializer only registers the resolver.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Register() =>
        NativeLibrary.SetDllImportResolver(typeof(NativeLibraryLoader).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != Name)
        {
            return 0;
        }

        var tried = new StringBuilder();
        string? given = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(given))
        {
            return TryLoad(given, tried, out nint chosen) ? chosen : throw NotFound(tried);
        }

        // Where the host says, from the deps.json of the application, and beside the assembly.
        if (NativeLibrary.TryLoad(name, assembly, searchPath, out nint library))
        {
            if (IsOurs(library, name, tried))
            {
                return library;
            }

            NativeLibrary.Free(library);
        }
        else
        {
            Add(tried, name, "not in the places where .NET looks for the application's libraries");
        }

        foreach (string path in Places(assembly))
        {
            if (TryLoad(path, tried, out library))
            {
                return library;
            }
        }

        throw NotFound(tried);
    }

    /// <summary>
    /// Where packages and builds lay the library out, for hosts that know no deps.json of the
    /// assembly: plugins, modules of PowerShell, tasks of MSBuild.
    /// </summary>
    private static IEnumerable<string> Places(Assembly assembly)
    {
        string file = OperatingSystem.IsWindows() ? Name + ".dll"
            : OperatingSystem.IsMacOS() ? "lib" + Name + ".dylib"
            : "lib" + Name + ".so";
        var folders = new HashSet<string>();
        foreach (string? folder in new[] { FolderOf(assembly), AppContext.BaseDirectory })
        {
            if (string.IsNullOrEmpty(folder) || !folders.Add(Path.TrimEndingDirectorySeparator(folder)))
            {
                continue;
            }

            yield return Path.Combine(folder, file);
            foreach (string rid in RuntimeIdentifiers())
            {
                yield return Path.Combine(folder, "runtimes", rid, "native", file);
            }
        }
    }

    /// <summary>Returns where the assembly lies; empty if it is part of a single file.</summary>
    [UnconditionalSuppressMessage(
        "SingleFile", "IL3000", Justification = "A single file has the library beside itself.")]
    private static string? FolderOf(Assembly assembly) => Path.GetDirectoryName(assembly.Location);

    /// <summary>
    /// Returns the runtime's own identifier, and the one that packages use: a runtime that a
    /// distribution builds is called after it, as in debian.12-x64.
    /// </summary>
    private static IEnumerable<string> RuntimeIdentifiers()
    {
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        string portable = $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        yield return RuntimeInformation.RuntimeIdentifier;
        if (portable != RuntimeInformation.RuntimeIdentifier)
        {
            yield return portable;
        }
    }

    private static bool TryLoad(string path, StringBuilder tried, out nint library)
    {
        library = 0;
        if (!File.Exists(path))
        {
            Add(tried, path, "no such file");
            return false;
        }

        try
        {
            library = NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            Add(tried, path, e.Message);
            return false;
        }

        if (IsOurs(library, path, tried))
        {
            return true;
        }

        NativeLibrary.Free(library);
        return false;
    }

    private static bool IsOurs(nint library, string path, StringBuilder tried)
    {
        if (!NativeLibrary.TryGetExport(library, VersionExport, out nint version)
            || !NativeLibrary.TryGetExport(library, FreeExport, out nint free))
        {
            Add(tried, path, "not the library of this package");
            return false;
        }

        nint text = ((delegate* unmanaged<nint>)version)();
        string found = Marshal.PtrToStringUTF8(text) ?? string.Empty;
        ((delegate* unmanaged<nint, void>)free)(text);
        if (found == Expected)
        {
            return true;
        }

        Add(tried, path, $"version {found}, but this assembly needs {Expected}");
        return false;
    }

    private static string Expected => typeof(NativeLibraryLoader).Assembly.GetName().Version!.ToString(3);

    private static void Add(StringBuilder tried, string place, string reason) =>
        tried.Append("\n  ").Append(place).Append(": ").Append(reason);

    private static DllNotFoundException NotFound(StringBuilder tried) => new(
        $"The native library of Interprocess for {RuntimeInformation.RuntimeIdentifier} was not found."
        + $" {Variable} may name its file. Tried:{tried}");
}
#endif
