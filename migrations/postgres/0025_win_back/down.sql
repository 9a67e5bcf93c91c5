DROP TABLE win_back_plans;
DROP TABLE customer_losses;
