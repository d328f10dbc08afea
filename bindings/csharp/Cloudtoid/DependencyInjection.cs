// SPDX-License-Identifier: MIT

using System;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Cloudtoid.Interprocess;

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
        services.TryAddSingleton<IQueueFactory>(
            static provider => provider.GetService<ILoggerFactory>() is { } loggers
                ? new QueueFactory(loggers)
                : new QueueFactory());
        return services;
    }
}
