"""What goes wrong between Odoo and its servers, made to happen at a chosen step."""
