"""Sites a buyer passes on the way and that never become a source: payment, login, bank confirmation. Facts only."""

from typing import Final

_PAYMENT: Final = """
paypal.com paypal.me stripe.com klarna.com klarna.net adyen.com adyenpayments.com worldpay.com worldpay.io
sagepay.com opayo.co.uk opayo.eu braintreegateway.com braintree-api.com authorize.net 2checkout.com avangate.com
verifone.com squareup.com square.link checkout.com mollie.com payu.com payu.in payu.pl payu.ro payu.cz
przelewy24.pl tpay.com dotpay.pl paynow.pl blik.com gopay.com gopay.cz comgate.cz barion.com skrill.com
neteller.com paysafecard.com paysafe.com afterpay.com clearpay.co.uk afterpay.nl affirm.com sezzle.com zip.co
quadpay.com pay.google.com pay.amazon.com payments.amazon.com payments.amazon.co.uk payments.amazon.de shop.app
pay.shopify.com checkout.shopify.com amazonpay.com sofort.com giropay.de paydirekt.de wirecard.com
computop-paygate.com saferpay.com datatrans.com postfinance.ch six-payment-services.com ideal.nl
multisafepay.com buckaroo.nl pay.nl ingenico.com ogone.com payengine.de unzer.com heidelpay.com mercadopago.com
mercadopago.com.br mercadopago.com.ar mercadopago.com.mx pagseguro.uol.com.br pagar.me razorpay.com paytm.com
paytm.in ccavenue.com billdesk.com instamojo.com phonepe.com alipay.com wechatpay.com tenpay.com unionpay.com
unionpaysecure.com paypay.ne.jp toss.im kakaopay.com iyzico.com iyzipay.com paytr.com paystack.com paystack.co
flutterwave.com payfast.co.za paygate.co.za gocardless.com trustly.com nets.eu quickpay.net epay.dk
dibspayment.com bambora.com svea.com vipps.no mobilepay.dk swish.nu redsys.es sermepa.es bizum.es nexi.it
satispay.com payplug.com lyra.com paybox.com systempay.fr global-e.com cybersource.com
secureacceptance.cybersource.com paddle.com fastspring.com gumroad.com chargebee.com recurly.com coinbase.com
bitpay.com cardinalcommerce.com arcot.com securesuite.net yookassa.ru yoomoney.ru money.yandex.ru
kassa.yandex.ru pay.yandex.ru securepay.tinkoff.ru securepayments.tinkoff.ru pay.tbank.ru securepay.tbank.ru
securepayments.sberbank.ru payecom.ru 3dsec.sberbank.ru sberpay.ru pay.sber.ru robokassa.ru robokassa.com
cloudpayments.ru payanyway.ru moneta.ru unitpay.ru payonline.ru payonlinesystem.com rbkmoney.com qiwi.com
oplata.qiwi.com webmoney.ru wmtransfer.com assist.ru paykeeper.ru chronopay.com best2pay.net uniteller.ru
platron.ru prodamus.ru payselection.com pay.alfabank.ru payment.alfabank.ru web.rbsuat.com pay.vtb.ru 3ds.vtb.ru
sbp.nspk.ru qr.nspk.ru acs.mirconnect.ru epay.kkb.kz pay.kaspi.kz liqpay.ua wayforpay.com fondy.eu
portmone.com.ua bepaid.by webpay.by
"""

_LOGIN: Final = """
accounts.google.com accounts.youtube.com appleid.apple.com idmsa.apple.com login.microsoftonline.com
login.live.com login.microsoft.com account.live.com login.yahoo.com auth0.com okta.com oktapreview.com
onelogin.com amazoncognito.com b2clogin.com ping.one pingidentity.com id.me clerk.accounts.dev firebaseapp.com
stytch.com duosecurity.com bankid.com mitid.dk franceconnect.gouv.fr itsme.be digid.nl oauth.yandex.ru
passport.yandex.ru passport.yandex.com sso.passport.yandex.ru login.vk.com oauth.vk.com id.vk.com id.vk.ru
connect.ok.ru id.sber.ru online.sberbank.ru id.tinkoff.ru id.tbank.ru esia.gosuslugi.ru account.mail.ru
auth.mail.ru o2.mail.ru login.mos.ru
"""

DEFAULT_REFERRER_EXCLUSIONS: Final[frozenset[str]] = frozenset(_PAYMENT.split()) | frozenset(_LOGIN.split())
