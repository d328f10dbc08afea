// SPDX-License-Identifier: MIT

using System;
using System.IO;
using Interprocess;

/// <summary>A directory of its own for each test class, and queues in it.</summary>
public sealed class Scratch : IDisposable
{
    private int queues;

    public Scratch()
    {
        Path = System.IO.Path.Combine(
            Environment.GetEnvironmentVariable("TEST_TMPDIR") ?? System.IO.Path.GetTempPath(),
            "queues-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    /// <summary>Options for a queue that no other test uses.</summary>
    public QueueOptions NewQueue(long capacity = 64 * 1024) => new($"queue-{++queues}-{System.IO.Path.GetFileName(Path)[^8..]}", Path, capacity);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
