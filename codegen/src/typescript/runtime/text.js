const text = (data) => data;
