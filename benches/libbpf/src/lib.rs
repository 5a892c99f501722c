//! Nothing: the sources come with the dependency.
