// SPDX-License-Identifier: MIT

using System;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Interprocess;

/// <summary>Adds queues to a container of services.</summary>
public static class DependencyInjection
{
    /// <summary>
    /// Adds the <see cref="IQueueFactory"/> as a singleton, unless the container has one already.
    /// Its publishers and subscribers log if the container has logging.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <returns>The same container.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static IServiceCollection AddInterprocessQueue(this IServiceCollection services)
    {
        NotNull(services, nameof(services));
        services.TryAddSingleton<IQueueFactory>(
            provider => provider.GetService<ILoggerFactory>() is { } loggers
                ? new QueueFactory(loggers)
                : new QueueFactory());
        return services;
    }

    /// <summary>
    /// Adds the factory, and the <see cref="QueueOptions"/> of one queue as a singleton.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Fills the options when a service first asks for them.</param>
    /// <returns>The same container.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IServiceCollection AddInterprocessQueue(
        this IServiceCollection services,
        Action<InterprocessQueueOptions> configure)
    {
        NotNull(configure, nameof(configure));
        services.AddInterprocessQueue().Configure(configure).TryAddSingleton(
            provider => provider.GetRequiredService<IOptions<InterprocessQueueOptions>>()
                .Value.ToQueueOptions());
        return services;
    }

    /// <summary>
    /// Adds the factory, and the <see cref="QueueOptions"/> of one queue, read from configuration,
    /// as a singleton.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="section">
    /// The section with the keys of <see cref="InterprocessQueueOptions"/>.
    /// </param>
    /// <returns>The same container.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IServiceCollection AddInterprocessQueue(
        this IServiceCollection services,
        IConfiguration section)
    {
        NotNull(section, nameof(section));
        return services.AddInterprocessQueue(options => options.Read(section));
    }

    /// <summary>
    /// Adds the factory, and the options of a queue under a name, for programs with several queues:
    /// <c>IOptionsMonitor&lt;InterprocessQueueOptions&gt;.Get(name).ToQueueOptions()</c>.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The name of these options.</param>
    /// <param name="section">
    /// The section with the keys of <see cref="InterprocessQueueOptions"/>.
    /// </param>
    /// <returns>The same container.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IServiceCollection AddInterprocessQueue(
        this IServiceCollection services,
        string name,
        IConfiguration section)
    {
        NotNull(name, nameof(name));
        NotNull(section, nameof(section));
        return services.AddInterprocessQueue()
            .Configure<InterprocessQueueOptions>(name, options => options.Read(section));
    }

    /// <summary>Adds a check that a queue can be opened and is sound.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="options">
    /// The queue; if null, the container's <see cref="QueueOptions"/>.
    /// </param>
    /// <param name="name">The name of the check.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IHealthChecksBuilder AddInterprocessQueue(
        this IHealthChecksBuilder builder,
        QueueOptions? options = null,
        string name = "interprocess-queue")
    {
        NotNull(builder, nameof(builder));
        return builder.Add(new(
            name,
            provider => new QueueHealthCheck(options ?? provider.GetRequiredService<QueueOptions>()),
            failureStatus: null,
            tags: null));
    }

    private static void NotNull(object? value, string name)
    {
        if (value is null)
        {
            throw new ArgumentNullException(name);
        }
    }
}
