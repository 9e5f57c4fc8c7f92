# Written once by aux-gen; from here on it is yours.
final: prev: { }
