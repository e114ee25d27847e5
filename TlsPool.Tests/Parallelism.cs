using NUnit.Framework;

// One more than the smallest machine has processors: many scenarios wait, for nodes that find each other or lose each other.
[assembly: LevelOfParallelism(3)]
