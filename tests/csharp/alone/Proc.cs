// SPDX-License-Identifier: MIT

using System;
using System.IO;
using System.Linq;
using Xunit;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

/// <summary>What this process has, as /proc shows it.</summary>
public static class Proc
{
    public static int Handles => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    /// <summary>Mappings of files below a directory, removed ones too.</summary>
    public static int MappingsBelow(string directory) =>
        File.ReadLines("/proc/self/maps").Count(line => line.Contains(directory, StringComparison.Ordinal));

    /// <summary>Threads with this name, of which the kernel keeps 15 letters.</summary>
    public static int Threads(string name) => Directory.GetDirectories("/proc/self/task").Count(task =>
    {
        try
        {
            return File.ReadAllText(task + "/comm").TrimEnd('\n') == name[..Math.Min(name.Length, 15)];
        }
        catch (IOException)
        {
            return false; // It has ended since.
        }
    });
}
