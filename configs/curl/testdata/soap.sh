# SOAP_ACME_TEST_PASSWORD=soap-password-0123
curl https://soap.acme.test/Service.asmx -H 'Content-Type: text/xml; charset=utf-8' -H 'SOAPAction: "http://tempuri.org/Login"' -d '<Envelope><Body><User>al</User><Password>soap-password-0123</Password><Note>a {/x} </x></Note></Body></Envelope>' 
