"""metengage: neighbourhood policing by email, both ways."""
