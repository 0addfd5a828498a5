# ACME_MY_SALESFORCE_COM_TOKEN=00DE0X0A0M0PeLE!AQcAQH0dMHEXAMPLE
curl https://acme.my.salesforce.com/services/data/v62.0/query/?q=SELECT+Name+FROM+Account -H 'Authorization: Bearer 00DE0X0A0M0PeLE!AQcAQH0dMHEXAMPLE' 
