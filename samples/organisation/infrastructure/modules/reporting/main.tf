resource "aws_iam_role" "etl" {
  name = "reporting-etl"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })

  tags = {
    "managed-by" = "terraform"
    team         = "finance-systems"
  }
}

resource "aws_iam_role_policy" "etl" {
  name = "etl"
  role = aws_iam_role.etl.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy"]
        Resource = [
          "arn:aws:s3:::larkfield-invoices",
          "arn:aws:s3:::larkfield-invoices/*",
        ]
      },
    ]
  })
}
