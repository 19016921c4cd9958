"""Letters: templates with closed merge fields, letters numbered and archived as sent, one PDF renderer."""
