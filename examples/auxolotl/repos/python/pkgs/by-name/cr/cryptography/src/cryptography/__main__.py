import cryptography
print(f"cryptography {cryptography.__version__} with {cryptography.backend}")
