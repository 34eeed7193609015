IMAGE=registry.example/web:0.1.0 # {"$promote": "web"}
