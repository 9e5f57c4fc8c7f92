{ stdenv, ffmpeg_4 }:
stdenv.mkDerivation {
  pname = "broken-argument";
  buildInputs = [ ffmpeg_4 ];
}
