// SPDX-License-Identifier: MIT

// HOW PLUGIN DIRECTORY: loads a plugin as hosts do, and lets it talk.

using System.Reflection;
using System.Runtime.Loader;

string folder = Path.GetDirectoryName(args[1])!;
Assembly plugin = args[0] switch
{
    "LoadFrom" => Assembly.LoadFrom(args[1]),
    "context" => new Folder(folder, collectible: false).LoadFromAssemblyPath(args[1]),
    "collectible-context" => new Folder(folder, collectible: true).LoadFromAssemblyPath(args[1]),
    "default-context" => LoadIntoDefault(),
    _ => throw new ArgumentException(args[0]),
};
Console.WriteLine(plugin.GetType("Plugin")!.GetMethod("Talk")!.Invoke(null, [args[2]]));

Assembly LoadIntoDefault()
{
    AssemblyLoadContext.Default.Resolving += (context, name) => Folder.Find(context, folder, name);
    return AssemblyLoadContext.Default.LoadFromAssemblyPath(args[1]);
}

internal sealed class Folder(string folder, bool collectible) : AssemblyLoadContext("plugin", collectible)
{
    public static Assembly? Find(AssemblyLoadContext context, string folder, AssemblyName name)
    {
        string path = Path.Combine(folder, name.Name + ".dll");
        return File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
    }

    protected override Assembly? Load(AssemblyName name) => Find(this, folder, name);
}
