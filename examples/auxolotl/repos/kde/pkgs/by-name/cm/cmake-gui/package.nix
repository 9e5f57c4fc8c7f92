# The variant of core's cmake that needs what stands above core: a package of its
# own here, where both are seen.
{
  cmake,
  qtbase,
}:

cmake.override {
  withGui = true;
  inherit qtbase;
}
