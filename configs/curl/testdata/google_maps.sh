# MAPS_GOOGLEAPIS_COM_KEY=AIzaSyD-0123456789abcdefghijklmnopqrst
curl "https://maps.googleapis.com/maps/api/geocode/json?address=1600+Amphitheatre+Parkway,+Mountain+View,+CA&key=AIzaSyD-0123456789abcdefghijklmnopqrst"
