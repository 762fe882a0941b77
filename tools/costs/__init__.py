"""What framestream costs on AWS: prices, what each event uses, the bill, and the documents' figures."""
