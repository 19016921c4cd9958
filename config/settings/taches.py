"""Queue of tasks: django-tasks-db, wrapped by mairie.taches."""

TASKS = {"default": {"BACKEND": "mairie.taches.file.FileDeTaches", "QUEUES": ["default"]}}
