{ openssl }:
openssl
