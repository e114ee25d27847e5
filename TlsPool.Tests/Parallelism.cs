using NUnit.Framework;

// Twice the processors of the smallest machine: often scenarios wait, for programs that start and nodes that find or lose each other.
[assembly: LevelOfParallelism(4)]
