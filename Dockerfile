# Odoo with what the addon needs. The addon itself is not in it: compose.yaml mounts it.
FROM odoo:19
USER root
COPY requirements.txt /tmp/requirements.txt
# Ubuntu's Python wants to be told that packages from elsewhere are welcome. In an image they are.
RUN pip3 install --break-system-packages --no-cache-dir -r /tmp/requirements.txt
USER odoo
